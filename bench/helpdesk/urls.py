"""The one path under which all of it lies."""

from django.urls import include, path

urlpatterns = [path("", include("helpdesk.urls"))]
