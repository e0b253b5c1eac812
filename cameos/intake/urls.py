"""Where files come in. Included by the room's `urls.py`."""

from django.urls import path

from cameos.intake import api

urlpatterns = [
    path("api/v1/uploads", api.UploadsView.as_view(), name="api-uploads"),
    path("api/v1/uploads/<uuid:public_id>", api.UploadView.as_view(), name="api-upload"),
]
