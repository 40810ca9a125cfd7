# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Calendars
#
# What takes place this week, and what has to be ready for it. Start the demo with `make run`, and
# open http://localhost:5006/calendar/team beside this notebook.

# %%
import os
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import moim

ws = moim.connect(os.environ.get("MOIM_URL", "http://localhost:5006"), name="Notebook")
ws.calendars

# %% [markdown]
# ## This week
#
# `occurrences` gives what takes place, in order: a series once for each time, with what was changed
# about that one time. Each is a data class.

# %%
team = ws.calendar("team")
monday = date.today() - timedelta(days=date.today().weekday())
week = monday, monday + timedelta(days=7)
[f"{one.when.starts:%a %d %b}  {one.title}" for one in team.occurrences(*week)]

# %% [markdown]
# ## An event of our own
#
# A time keeps the zone it knows: people elsewhere see it on their own clocks.

# %%
two = datetime(monday.year, monday.month, monday.day, 14, tzinfo=ZoneInfo("Europe/Berlin"))
talk = team.events.add("Planned in a notebook", (two, timedelta(minutes=45)), members=["tom"])
talk.when

# %% [markdown]
# Moved by a day, as if it had been dragged:

# %%
talk.when = talk.when.moved(timedelta(days=1))
[one.when.starts for one in team.occurrences(*week) if one.event == talk.id]

# %% [markdown]
# ## The card behind it
#
# Tick the first open line of its checklist, and say so where everybody reads it.

# %%
card = ws.project("Launch 2.0").cards["ln-131"]
line = next(item for item in card.checklist if item.done is None)
card.checklist.tick(line.id)
card.comments.add(f"@Tom Becker, ready for {talk.when.starts:%A}: {line.title}", mentions=["tom"])
card.checklist

# %% [markdown]
# The lines above returned when the edits were on this machine's disk; this one when they are on the
# server's.

# %%
ws.wait_saved(timeout_s=5)
ws.status, ws.pending

# %%
ws.close()
