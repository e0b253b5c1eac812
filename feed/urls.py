from django.urls import URLPattern, URLResolver, path

from feed import api, pwa, ranking_views, steering_views, views

app_name = "feed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.for_you, name="for-you"),
    path("following", views.following, name="following"),
    path("latest", views.latest, name="latest"),
    path("feed/<slug:stream>/more", views.more, name="more"),
    path("steer", steering_views.steer, name="steer"),
    path("steer/words", steering_views.words, name="steer-words"),
    path("steer/rules.json", steering_views.export, name="steer-export"),
    path("steer/shared", steering_views.shared, name="steer-shared"),
    path("steer/import", steering_views.take_over, name="steer-import"),
    path("api/v1/steering", steering_views.SteeringApi.as_view(), name="api-steering"),
    path("ranking", ranking_views.ranking, name="ranking"),
    path("ranking/operator", ranking_views.operator, name="ranking-operator"),
    path("ranking/experiments/<slug:experiment>/leave", ranking_views.leave, name="leave-experiment"),
    path("api/v1/ranking", ranking_views.RankingApi.as_view(), name="api-ranking"),
    path("feed/watched", views.watched, name="watched"),
    path("clips/<uuid:clip>/publish", views.publish, name="publish"),
    path("p/<uuid:post>", views.post, name="post"),
    path("p/<uuid:post>/like", views.like, name="like"),
    path("p/<uuid:post>/comments", views.comments, name="comments"),
    path("p/<uuid:post>/report", views.report, name="report"),
    path("p/<uuid:post>/not-interested", views.not_interested, name="not-interested"),
    path("p/<uuid:post>/delete", views.take_down, name="take-down"),
    path("p/<uuid:post>/remix", views.remix, name="remix"),
    path("p/<uuid:post>/lineage", views.lineage_page, name="lineage"),
    path("comments/<uuid:comment>/delete", views.delete_comment, name="delete-comment"),
    path("u/<str:handle>", views.person, name="person"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.worker, name="worker"),
    path("offline", pwa.offline, name="offline"),
    path("api/v1/feed/<slug:stream>", api.Stream.as_view(), name="api-stream"),
    path("api/v1/posts", api.Posts.as_view(), name="api-posts"),
    path("api/v1/posts/<uuid:post>", api.OnePost.as_view(), name="api-post"),
    path("api/v1/posts/<uuid:post>/like", api.LikeOfPost.as_view(), name="api-like"),
    path("api/v1/posts/<uuid:post>/comments", api.CommentsOfPost.as_view(), name="api-comments"),
    path("api/v1/posts/<uuid:post>/report", api.ReportOfPost.as_view(), name="api-report"),
    path(
        "api/v1/posts/<uuid:post>/not-interested",
        api.NotInterestedInPost.as_view(),
        name="api-not-interested",
    ),
    path("api/v1/comments/<uuid:comment>", api.OneComment.as_view(), name="api-comment"),
]
