# Bookings and invitations

bookings-title = Bookings
bookings-new-title = New booking
bookings-one-title = Booking
bookings-none = Nothing is booked.
bookings-more = The first 50 are shown.
bookings-patient = Patient
bookings-physician = Physician
bookings-when = Day and time
bookings-date = Day
bookings-time = Time
bookings-class = Kind of visit
bookings-stage = Now
bookings-number = Booking number
bookings-contact = Telephone on file
bookings-new-condition = A visit for a new condition
bookings-class-derived = Whether it is a first visit or a follow-up is derived from the signed care plan.
bookings-book = Book and send the invitation
bookings-search-first = First find the patient.
bookings-not-then = This day and time cannot be booked.
bookings-invite = Link of the invitation
bookings-invite-again = Send the invitation again
bookings-invite-proxy = Send { $name } ({ $relation }) a link in the own name
bookings-proxy-new = Register a helper
bookings-sent = Sent { $sent } times within the hour. { $left } more can be sent.
bookings-link-closed = The birth date was wrong too often and the link rests. Please ask by telephone.
bookings-cancel = Cancel the booking
bookings-class-first = First visit
bookings-class-first_new_condition = First visit for a new condition
bookings-class-followup = Follow-up
bookings-stage-requested = Requested
bookings-stage-booked = Booked
bookings-stage-checks = Waiting room
bookings-stage-live = In the call
bookings-stage-ended = Ended, note due
bookings-stage-documented = Documented
bookings-stage-closed = Closed
bookings-stage-declined = Declined
bookings-stage-switched_in_person = To be seen in person
bookings-stage-aborted = Cancelled
bookings-message-subject = Online consultation (booking { $number })
bookings-message =
    [{ $clinic }]
    Booking { $number }
    { $at }: online consultation with { $physician }.
    The physician decides each time whether it is possible.
    When it is time, open this link:

    { $link }

    If it does not open, or you booked nothing: telephone { $phone }
