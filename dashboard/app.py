"""The demo as one Panel page: `panel serve dashboard/app.py --plugins moim.plugin`."""

from moim.pages.whole import project_page

project_page().servable(title="moim")
