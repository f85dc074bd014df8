"""What the framework's pages would be as views, to make yours of them: subclass one and name it in the settings."""

from __future__ import annotations

from .request import Request
from .responses import TemplateResponse
from .view import View


class FrontendView(View):
    """Makes the page around interactive views, of `FRONTEND_TEMPLATE`."""

    def handle_request(self, request: Request) -> object:
        settings = self.server.settings
        return TemplateResponse(settings.FRONTEND_TEMPLATE, {"request": request, "title": settings.TITLE})


class _ErrorView(View):
    STATUS = 0

    def handle_request(self, request: Request, exception: Exception | None = None) -> object:
        template = getattr(self.server.settings, f"ERROR_{self.STATUS}_TEMPLATE")
        return TemplateResponse(template, {"request": request, "exception": exception, "explanation": ""})


class Error403View(_ErrorView):
    """Is shown when a view raises `ForbiddenError`: `ERROR_403_TEMPLATE`."""
    STATUS = 403


class Error404View(_ErrorView):
    """Is shown where there is no view: `ERROR_404_TEMPLATE`."""
    STATUS = 404


class Error500View(_ErrorView):
    """Is shown when a view has failed: `ERROR_500_TEMPLATE`."""
    STATUS = 500
