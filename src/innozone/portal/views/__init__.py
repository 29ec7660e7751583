"""Pages. A view reads, asks the gate, calls a service and renders; nothing is decided here."""
