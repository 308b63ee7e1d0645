"""What happens by itself when time passes: each task has a schedule and a thread of its own (decision 15).

| task                | about                          | asks     | work in          |
|---------------------|--------------------------------|----------|------------------|
| expire holds        | holds that nobody paid in time | -        | `booking_tasks`  |
| look into rooms     | who is in a call now           | LiveKit  | `booking_tasks`  |
| decide who came     | bookings that are over         | -        | `booking_tasks`  |
| end decisions       | decisions that become final    | -        | `booking_tasks`  |
| close rooms         | rooms after their join window  | LiveKit  | `booking_tasks`  |
| forget what is old  | rows past their retention      | -        | `booking_tasks`  |
| ask about checkouts | payments whose event got lost  | provider | `payment_tasks`  |
| send refunds        | the outbox of refunds          | provider | `payment_tasks`  |
| move transfers      | disputed payments              | provider | `payment_tasks`  |
| pay out             | the professional's part        | provider | `payment_tasks`  |
| reconcile           | the ledger against theirs      | provider | `payment_tasks`  |
| remind              | bookings that come up          | -        | `mail_tasks`     |
| answer forgotten .. | requests for a new password    | -        | `mail_tasks`     |
| send mails          | the outbox of mails            | SMTP     | `mail_tasks`     |

`worker` puts these together, `schedule` runs the threads, `rounds` takes one task through its items, `leases` gives a
task to one backend of several, `figures` and `status` show how it goes. Every task may run in several backends and be
interrupted anywhere: doing the same again changes nothing.
"""

from backend.worker.worker import Worker

__all__ = ["Worker"]
