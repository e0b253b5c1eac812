from django.urls import URLPattern, URLResolver, path

from generation import api, api_workers, videos, views, views_play, views_verbs, views_workers

app_name = "generation"

urlpatterns: list[URLPattern | URLResolver] = [
    path("create", views.create, name="create"),
    path("create/<slug:verb>", views_verbs.from_words, name="from-words"),
    path("clips/<uuid:public_id>/ways", views_verbs.ways, name="ways"),
    path("clips/<uuid:public_id>/ways/<slug:verb>", views_verbs.go_on, name="go-on"),
    path("clips/<uuid:public_id>/play", views_play.start, name="start-play"),
    path("play/<uuid:public_id>", views_play.play, name="play"),
    path("play/<uuid:public_id>/face/<str:token>", views_play.face, name="play-face"),
    path("generations", views.generations, name="generations"),
    path("generations/<uuid:public_id>", views.generation, name="generation"),
    path("generations/<uuid:public_id>/cancel", views.cancel, name="cancel"),
    path("generations/<uuid:public_id>/again", views.again, name="again"),
    path("generations/<uuid:public_id>/glimpse", views.glimpse_picture, name="glimpse"),
    path("clips/<uuid:public_id>", views.clip, name="clip"),
    path("clips/<uuid:public_id>/delete", views.delete_clip, name="delete-clip"),
    path("media/<uuid:public_id>", views.media, name="media"),
    path("workers", views_workers.workers, name="workers"),
    path("workers/<uuid:public_id>/revoke", views_workers.revoke_worker, name="revoke-worker"),
    path("workers/v1/claim", api_workers.TakeJob.as_view(), name="worker-claim"),
    path("workers/v1/jobs/<uuid:public_id>/beat", api_workers.Beat.as_view(), name="worker-beat"),
    path("workers/v1/jobs/<uuid:public_id>/let-go", api_workers.LetGo.as_view(), name="worker-let-go"),
    path("workers/v1/promised/<str:token>", api_workers.Promised.as_view(), name="worker-promised"),
    path("workers/v1/results/<str:token>", api_workers.Result.as_view(), name="worker-result"),
    path("verify", views.verify_page, name="verify"),
    path("api/v1/generations", api.Generations.as_view(), name="api-generations"),
    path("api/v1/generations/check", api.CheckPrompt.as_view(), name="api-check"),
    path("api/v1/generations/<uuid:public_id>", api.OneGeneration.as_view(), name="api-generation"),
    path("api/v1/generations/<uuid:public_id>/cancel", api.CancelGeneration.as_view(), name="api-cancel"),
    path("api/v1/clips/<uuid:public_id>", api.OneClip.as_view(), name="api-clip"),
    path("v1/videos", videos.Videos.as_view(), name="v1-videos"),
    path("v1/videos/<str:video>", videos.OneVideo.as_view(), name="v1-video"),
    path("v1/videos/<str:video>/content", videos.VideoContent.as_view(), name="v1-video-content"),
    path("api/v1/verify", api.Verify.as_view(), name="api-verify"),
]
