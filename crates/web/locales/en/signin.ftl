# Sign-in of staff

signin-title = Staff sign-in
signin-name = Sign-in name
signin-password = Password
signin-code = 6-digit code
signin-code-hint = The number in your authenticator app. Leave it empty the first time.
signin-enter = Sign in
signin-lost = If you cannot get in, ask your administrator. After repeated mistakes sign-in pauses for a while.
signin-refused = Name, password or code is not right. After several mistakes, please wait a little.
signin-no-place = You have no role at an institution now. Please ask your administrator.

institution-title = Where do you work today?

unlock-title = The screen is covered
unlock-why = It was not used for a while. Show that it is you, and you return to the same place.
unlock-proof = Password, or the 6-digit code
unlock-open = Continue
unlock-refused = That does not match. After several mistakes, please wait a little.
unlock-kept = This page keeps what you wrote. It comes back when you continue.
unlock-unheard = There is no answer. Please wait a little and press again.
back-title = What you wrote is still here
back-why = The screen was covered while you were sending. Nothing has been sent yet.
back-send = Send it again
back-leave = To today's board, without sending

account-title = My settings
account-current = Present password
account-new = New password
account-new-hint = At least 12 characters. A sentence is easier to remember, and stronger.
account-change = Change the password
account-changed = The password was changed. Other devices must sign in again.

password-short = Please use at least 12 characters.
password-simple = Repeated or consecutive characters alone cannot be used.
password-holds-name = Please leave the sign-in name out of it.
password-same = Please choose another than the present one.

factor-title = Connect an authenticator app
factor-why = Enter the letters below in your authenticator app, then write the 6-digit number that it shows.
factor-secret = Letters for the authenticator app
factor-open = Open the authenticator app
factor-add = Connect
factor-refused = The number does not match. Check that your device's clock is right.
account-keys = Keyboard
account-keys-which = J and K (next and previous row), / (search), Alt with a digit, Ctrl+Enter. Turn them off if you work by voice. Kept for this browser only.
factor-qr = Code for the camera of the authenticator app
codes-title = Codes of this moment (demonstration)
codes-link = Demonstration: show the codes of this moment
codes-why = What the authenticators of the made-up staff show. Only seen from this machine. Each code is good once.
codes-left = They change in { $seconds } seconds.
codes-role = Role
codes-name = Name
codes-again = Show the codes of now
