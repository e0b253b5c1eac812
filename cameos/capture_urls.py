"""From the release to a verified likeness. Included by the room's `urls.py`."""

from django.urls import path

from cameos import capture_api, capture_views, never_api, never_views

urlpatterns = [
    path("likeness/release", capture_views.release_page, name="release"),
    path("likeness/release/withdraw", capture_views.withdraw_release, name="release-withdraw"),
    path("likeness/capture", capture_views.capture_page, name="capture"),
    path("likeness/captures/<uuid:public_id>/recording", capture_views.recording, name="recording"),
    path("api/v1/likeness/challenges", capture_api.ChallengesView.as_view(), name="api-challenges"),
    path(
        "api/v1/likeness/challenges/<str:nonce>/start",
        capture_api.StartView.as_view(),
        name="api-challenge-start",
    ),
    path("api/v1/likeness/captures", capture_api.CapturesView.as_view(), name="api-captures"),
    path("api/v1/likeness/captures/<uuid:public_id>", capture_api.CaptureView.as_view(), name="api-capture"),
    path("never-me", never_views.about, name="never-me"),
    path("never-me/recording", never_views.recording, name="never-me-recording"),
    path("never-me/code", never_views.code, name="never-me-code"),
    path("never-me/remove", never_views.remove, name="never-me-remove"),
    path("api/v1/never-me/challenges", never_api.ChallengesView.as_view(), name="api-never-me-challenges"),
    path(
        "api/v1/never-me/challenges/<str:nonce>/start",
        never_api.StartView.as_view(),
        name="api-never-me-start",
    ),
    path("api/v1/never-me/captures", never_api.CapturesView.as_view(), name="api-never-me-captures"),
    path(
        "api/v1/never-me/captures/<uuid:public_id>",
        never_api.CaptureView.as_view(),
        name="api-never-me-capture",
    ),
    path("api/v1/never-me/uploads", never_api.UploadsView.as_view(), name="api-never-me-uploads"),
    path(
        "api/v1/never-me/uploads/<uuid:public_id>",
        never_api.UploadView.as_view(),
        name="api-never-me-upload",
    ),
]
