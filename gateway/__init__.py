"""The one GraphQL server that phones, kiosks and departments talk to. It owns no data: services do, and it speaks HTTP to them."""
