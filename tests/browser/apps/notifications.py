"""The example with a receiver that fails, and a count of what is alive in the server."""

from __future__ import annotations

import gc

import gevent

from examples.channels import app, notifications
from lona_sync import JsonResponse, View
from lona_sync.channels.hub import default_hub
from lona_sync.html import H1
from lona_sync.html.mutations import TreeNode
from lona_sync.views.runtime import ViewRuntime


@app.route("/fragile")
class FragileView(View):
    def handle_request(self, request: object) -> None:
        def fail(message: object) -> None:
            raise LookupError("of the fragile receiver")

        notifications.subscribe(fail)
        self.show(H1("Fragile"))


@app.route("/census", interactive=False)
class CensusView(View):
    def handle_request(self, request: object) -> object:
        gc.collect()
        objects = gc.get_objects()
        return JsonResponse({
            "greenlets": sum(isinstance(each, gevent.Greenlet) and not each.dead for each in objects),
            "nodes": sum(isinstance(each, TreeNode) for each in objects),
            "runtimes": sum(isinstance(each, ViewRuntime) for each in objects),
            "subscriptions": default_hub.stats().subscriptions,
            "views": app.stats()["views"],
        })


if __name__ == "__main__":
    app.run()
