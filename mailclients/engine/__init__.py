"""The engine: transport, connections with command queues, pool and task queue. It knows no protocol."""
