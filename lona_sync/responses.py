"""What views answer, by the name of the module from which programs import it."""

from .views.responses import (
    AbstractResponse,
    FileResponse,
    HtmlResponse,
    HttpRedirectResponse,
    JsonResponse,
    RedirectResponse,
    Response,
    TemplateResponse,
    TemplateStringResponse,
    local_url,
)

__all__ = [
    "AbstractResponse",
    "FileResponse",
    "HtmlResponse",
    "HttpRedirectResponse",
    "JsonResponse",
    "RedirectResponse",
    "Response",
    "TemplateResponse",
    "TemplateStringResponse",
    "local_url",
]
