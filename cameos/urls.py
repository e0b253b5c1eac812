from django.urls import URLPattern, URLResolver, include, path

from cameos import api, views

app_name = "cameos"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("cameos.capture_urls")),
    path("", include("cameos.intake.urls")),
    path("likeness", views.likeness, name="likeness"),
    path("likeness/grant", views.grant, name="grant"),
    path("likeness/people", views.name_person, name="name-person"),
    path("likeness/people/remove", views.drop_person, name="drop-person"),
    path("likeness/uses/<uuid:public_id>", views.use, name="use"),
    path("likeness/uses/<uuid:public_id>/approve", views.approve, name="approve"),
    path("likeness/uses/<uuid:public_id>/decline", views.decline, name="decline"),
    path("likeness/uses/<uuid:public_id>/delete", views.delete_use, name="delete-use"),
    path("likeness/ledger", views.ledger_page, name="ledger"),
    path("likeness/ledger/file", views.ledger_file, name="ledger-file"),
    path("likeness/revoke", views.revoke, name="revoke"),
    path("likeness/freeze", views.freeze, name="freeze"),
    path("likeness/unfreeze", views.unfreeze, name="unfreeze"),
    path("likeness/erase", views.erase, name="erase"),
    path("ledger/heads", views.heads, name="heads"),
    path("api/v1/castable", api.Castable.as_view(), name="api-castable"),
    path("api/v1/castable/<uuid:public_id>", api.MayCast.as_view(), name="api-may-cast"),
    path("api/v1/likeness", api.Likeness.as_view(), name="api-likeness"),
    path("api/v1/likeness/grant", api.Grant.as_view(), name="api-grant"),
    path("api/v1/likeness/people/<str:handle>", api.NamedPerson.as_view(), name="api-named-person"),
    path("api/v1/likeness/uses", api.Uses.as_view(), name="api-uses"),
    path("api/v1/likeness/uses/<uuid:public_id>", api.Use.as_view(), name="api-use"),
    path("api/v1/likeness/uses/<uuid:public_id>/approve", api.Approve.as_view(), name="api-approve"),
    path("api/v1/likeness/uses/<uuid:public_id>/decline", api.Decline.as_view(), name="api-decline"),
    path("api/v1/likeness/revoke", api.Revoke.as_view(), name="api-revoke"),
    path("api/v1/likeness/freeze", api.Freeze.as_view(), name="api-freeze"),
    path("api/v1/likeness/unfreeze", api.Unfreeze.as_view(), name="api-unfreeze"),
    path("api/v1/likeness/ledger", api.Ledger.as_view(), name="api-ledger"),
]
