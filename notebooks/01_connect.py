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
# # Connect
#
# A notebook works on the same documents as everybody's browser. Start the demo with `make run`,
# open http://localhost:5006/project/launch beside this notebook and watch the board while the
# cells run.

# %%
import os

import moim

ws = moim.connect(os.environ.get("MOIM_URL", "http://localhost:5006"), name="Notebook")
ws

# %% [markdown]
# Projects, and one of them by its id or its name:

# %%
ws.projects

# %%
board = ws.project("Launch 2.0")
board.cards

# %% [markdown]
# ## Three lines
#
# Set a title: it is on this machine's disk when the line returns, on the server's a moment later,
# and in every browser that has the board open.

# %%
card = board.cards["ln-142"]
card.title = "Rate-limit share links, invite mails and 알림 🔔"
ws.wait_saved(timeout_s=5)

# %% [markdown]
# Every field of the schema is an attribute; what does not fit is refused and says why.

# %%
from datetime import date, timedelta

card.update(estimate=5, priority="urgent", due=date.today() + timedelta(days=2))
card.members.add("minji")
card.to_dict()

# %%
from moim_data.errors import InvalidValue

try:
    card.priority = "very"
except InvalidValue as refused:
    print(refused)

# %% [markdown]
# ## More than one edit
#
# Cards are made and moved by column name. Several edits in one transaction arrive as one.

# %%
with board.transaction():
    new = board.cards.add("Written in a notebook", "Ready", labels=["research"])
    board.move(new, "In progress", before=board.cards.in_column("In progress")[0])
[item.title for item in board.cards.in_column("In progress")][:3]

# %% [markdown]
# ## What others do
#
# `watch` calls back after changes, own or others', at most twenty times a second. It runs in a
# thread of its own; `records` reads everything at one moment.

# %%
from collections import Counter
from threading import Event

seen = Event()
stop = board.watch(seen.set)
new.estimate = 1
seen.wait(5)
stop()
Counter(row["place"].partition("|")[0] for row in board.cards.records())

# %% [markdown]
# ## Without a server
#
# Edits go on when the server is away: `ws.status` says so, `ws.pending` counts what waits. Nothing
# is lost when this process ends; the next one that connects delivers it.

# %%
ws.wait_saved(timeout_s=5)
ws.status, ws.pending

# %%
ws.close()
