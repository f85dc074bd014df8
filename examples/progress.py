"""Jobs that run in the background, whoever looks: start one, watch it on every page, cancel it. `lona-sync run progress.py`

A job belongs to no view: it is a greenlet that tells on a channel how far it is. A page that is opened later, or again, finds it.
"""

import itertools

import gevent

from lona_sync import App, Channel, View
from lona_sync.html import H1, HTML, Button, Div, Li, P, Progress, Style, Ul

app = App(__file__)
app.settings.TITLE = 'Jobs'
CSS = '''li { display: flex; gap: .8em; align-items: center; padding: .4em 0 } progress { flex: 1; min-width: 4em }
ul { padding: 0; list-style: none }'''
STEPS = 100
told = Channel('jobs')
numbers = itertools.count(1)
jobs = {}


class Job:
    def __init__(self):
        self.number, self.done = next(numbers), 0
        jobs[self.number] = self
        self.greenlet = gevent.spawn(self.run)

    def run(self):
        try:
            while self.done < STEPS:
                gevent.sleep(.1)                          # what takes long
                self.done += 1
                told.send(self.number)
        finally:                                          # also when it is cancelled
            del jobs[self.number]
            told.send(self.number)

    def cancel(self, event=None):
        self.greenlet.kill(block=False)


class JobRow(Li):
    def __init__(self, job):
        self.job, self.bar = job, Progress(value=job.done, max=STEPS, _aria_label=f'Job {job.number}')
        super().__init__(f'Job {job.number}', self.bar, Button('Cancel', handle_click=job.cancel))

    def update(self):
        self.bar.value = self.job.done


@app.route('/')
class Jobs(View):
    def handle_request(self, request):
        start, self.list, self.text = Button('Start a job'), Ul(), P()
        self.rows = {}
        told.subscribe(self.update)
        for number in sorted(jobs):
            self.add(number)
        self.count()
        self.show(HTML(Style(CSS), H1('Jobs'), Div(start), self.list, self.text))
        while True:
            self.await_click(start)
            self.add(Job().number)
            self.count()
            self.show()

    def add(self, number):
        self.rows[number] = JobRow(jobs[number])
        self.list.append(self.rows[number])

    def update(self, message):
        number = message.data
        if number in self.rows and number not in jobs:
            self.rows.pop(number).remove()
        elif number in self.rows:
            self.rows[number].update()
        elif number in jobs:
            self.add(number)
        self.count()

    def count(self):
        self.text.set_text(f'{len(jobs)} running' if jobs else 'Nothing runs.')


if __name__ == '__main__':
    app.run()
