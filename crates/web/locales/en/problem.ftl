# When something could not be done: what, why, and what helps

problem-remedy = What to do next
problem-go = Go where it is mended
problem-back = To the first page

problem-refused-title = Not possible now
problem-refused-detail = The rules do not allow this now.
problem-wrong-title = Please correct this
problem-wrong-detail = Once these are corrected you can go on.
problem-over-title = The visit is over
problem-over-detail = There is nothing left to connect to. Open the page again to see the present state.
problem-out-of-turn-title = This page was out of date
problem-out-of-turn-detail = Someone was faster, or time has passed. Open it again to see the present state.
problem-not-found-title = There is no such page
problem-not-found-detail = The address is wrong, or the page is not open to you.
problem-not-allowed-title = It cannot be opened that way
problem-not-allowed-detail = Please use the buttons on the page.
problem-sign-in-title = Please come in again
problem-sign-in-detail = You are not signed in, or time has passed. Patients: please press the link in your message again.
problem-covered-title = The screen is covered
problem-covered-detail = It was not used for a while. Show that it is you, and you return to the same place.
problem-denied-title = Not with this role
problem-denied-detail = If you need it, ask your administrator for the role.
problem-foreign-origin-title = This was not accepted
problem-foreign-origin-detail = It was not sent from a page of this site. Open the page again and press once more.
problem-misdirected-title = This is the wrong door
problem-misdirected-detail = Please use the address you were given.
problem-malformed-title = This could not be read
problem-malformed-detail = What was sent is broken. Open the page again and try once more.
problem-slow-title = Sending did not finish
problem-slow-detail = The line seems weak. Nothing was changed. Please try again where it is better.
problem-too-large-title = This is too large
problem-too-large-detail = It is more than can be sent. Make it shorter, or the picture smaller.
problem-wrong-kind-title = Not in this form
problem-wrong-kind-detail = Please send it with the buttons on the page.
problem-too-many-title = Please wait a moment
problem-too-many-detail = Many requests came in a short time. Please wait { $seconds } seconds and try again.
problem-scarce-title = Nothing new can be begun now
problem-scarce-detail = The disk is nearly full. What is left is kept for visits under way. Nothing was changed. Free some space on the disk; within half a minute it goes on.
problem-unavailable-title = It cannot be saved now
problem-unavailable-detail = Nothing was changed. Please wait a little and try again. If it cannot wait, please call us.

mender-patient = patient
mender-physician = physician
mender-reception = reception
mender-administrator = administrator
mender-vendor = vendor

field-errors = Please correct these
field-empty = Please fill this in.
field-wrong = This value cannot be used.
field-long = This is too long.
field-not-text = This cannot be read as text.
field-not-municipality = This is not read as a municipality. Please write it from the prefecture on.
problem-too-many-minutes = That came too often in a short time. Wait { $minutes } minutes, then try again.
