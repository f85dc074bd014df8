"""A synchronous web framework: views are procedures that block, and the page follows the tree on the server."""

from .app import App
from .channels import Channel, Message, Subscription
from .errors import (
    AwaitTimeout,
    BrowserCallError,
    ClientError,
    ForbiddenError,
    NotFoundError,
    ServerStop,
    SlowSubscriber,
    StopReason,
    UserAbort,
    ViewCrashed,
)
from .server.people.session_store import SessionStore, StoreUnavailable
from .server.routing.routes import MATCH_ALL, Route
from .uploads import UploadedFile
from .version import VERSION, VERSION_STRING
from .views.bucket import Bucket
from .views.events import InputEvent
from .views.report import Activity, RunningView
from .views.request import AnonymousUser, Request
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
from .views.session import Session
from .views.users import User
from .views.view import View
from .views.view_events import ViewEvent

__all__ = [
    "MATCH_ALL",
    "VERSION",
    "VERSION_STRING",
    "AbstractResponse",
    "Activity",
    "AnonymousUser",
    "App",
    "AwaitTimeout",
    "BrowserCallError",
    "Bucket",
    "Channel",
    "ClientError",
    "FileResponse",
    "ForbiddenError",
    "HtmlResponse",
    "HttpRedirectResponse",
    "InputEvent",
    "JsonResponse",
    "Message",
    "NotFoundError",
    "RedirectResponse",
    "Request",
    "Response",
    "Route",
    "RunningView",
    "ServerStop",
    "Session",
    "SessionStore",
    "SlowSubscriber",
    "StopReason",
    "StoreUnavailable",
    "Subscription",
    "TemplateResponse",
    "TemplateStringResponse",
    "UploadedFile",
    "User",
    "UserAbort",
    "View",
    "ViewCrashed",
    "ViewEvent",
    "local_url",
]
