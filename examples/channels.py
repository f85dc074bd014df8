import time

from lona_sync import App, Channel, View
from lona_sync.html import H1, HTML, Button, P

app = App(__file__)

notifications = Channel('notifications')

@app.route('/sender')
class SenderView(View):
    def handle_request(self, request):
        send_button = Button('Send Notification')
        html = HTML(H1('Sender'), send_button)
        self.show(html)

        while True:
            self.await_click(send_button)
            notifications.send({
                'message': 'Hello from sender!',
                'timestamp': time.time()
            })

@app.route('/receiver')
class ReceiverView(View):
    def handle_request(self, request):
        message_display = P('Waiting for messages...')
        html = HTML(H1('Receiver'), message_display)

        def handle_notification(message):
            message_display.set_text(f"Received: {message.data['message']}")

        notifications.subscribe(handle_notification)
        self.show(html)

if __name__ == '__main__':
    app.run()
