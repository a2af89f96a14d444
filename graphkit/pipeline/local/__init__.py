"""The engine: a build in as many processes as there are cores, that reads only what changed.

    files ─▶ read ─▶ chunks of shares ─▶ count ─▶ settle ─▶ reduce shares ─▶ assemble ranges ─▶ Turtle
             └───── work, by a crew of processes ─────┘              └───────── work ─────────┘

`store` is the file through which all of it goes, and which is the cache if it is kept; `memory` is what is remembered
in it from one build to the next; `work` are the tasks, pure but for the depot; `pool` the processes that do them;
`building` knows their order.
"""
