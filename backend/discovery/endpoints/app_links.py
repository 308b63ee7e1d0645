"""What Android and iOS ask a host before its https links open the app: which app that is. Silent where none is named.

https://developer.android.com/training/app-links/configure-assetlinks,
https://developer.apple.com/documentation/xcode/supporting-associated-domains
"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from backend.kit.errors import NotFound
from backend.settings import Settings

PATHS = ("/p/*", "/professional/*", "/my-sessions*", "/upcoming*")
"""The same as in tools/phone_template.py."""
_KEPT = {"Cache-Control": "public, max-age=3600"}

router = APIRouter(prefix="/.well-known", include_in_schema=False)


@router.get("/assetlinks.json")
def android_app(request: Request) -> JSONResponse:
    """For Android: the package, and the certificates that it is signed with."""
    settings: Settings = request.app.state.settings
    package, certificates = settings.android_app_parts
    if not package:
        raise NotFound
    target = {"namespace": "android_app", "package_name": package, "sha256_cert_fingerprints": certificates}
    return JSONResponse([{"relation": ["delegate_permission/common.handle_all_urls"], "target": target}], headers=_KEPT)


@router.get("/apple-app-site-association")
def ios_app(request: Request) -> JSONResponse:
    """For iOS: the app's id, and which paths are its."""
    settings: Settings = request.app.state.settings
    if not settings.ios_app:
        raise NotFound
    details = [{"appIDs": [settings.ios_app], "components": [{"/": path} for path in PATHS]}]
    return JSONResponse({"applinks": {"details": details}}, headers=_KEPT)
