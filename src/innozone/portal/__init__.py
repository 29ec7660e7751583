"""The faces: public site, my enterprise, staff workbench, cockpit, search."""
