"""The local build: in as many processes as there are cores, reading only what changed.

    files ─▶ changes ─▶ read ─▶ count ─▶ resolve ─▶ reduce ─▶ describe ─▶ segments ─▶ Turtle
                        └─── a worker pool ───┘     └────────── a worker pool ──────────┘

`local_build` chooses: a small corpus that is not cached is built `in_memory`, others as drawn here. `build_steps` has
the order. Each phase is a module with the task that workers run and the function that hands them
out. Everything goes through a blob store, which becomes the build cache if it is kept.
"""
