"""What a user can click, type into or choose from, except `Select`: a file for each kind, a class for each type of HTML.

An input holds its value on the server, typed. A change in the browser arrives by `receive()`, before any handler runs,
and is told to all browsers but the one it came from. What a browser would not let its user enter is only marked there,
and a script can send anything: `valid` and `error` check the same again.
"""
