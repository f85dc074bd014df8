{# Your own script: a module that finds `lona_context`. #}
