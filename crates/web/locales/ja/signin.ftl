# 職員の入り口

signin-title = 職員の入り口
signin-name = 名前(サインイン用)
signin-password = パスワード
signin-code = 6けたの番号
signin-code-hint = 認証アプリに出ている番号です。はじめての方は空のままにします。
signin-enter = 入る
signin-lost = 入れないときは、病院の管理者に聞いてください。まちがいが続くと、しばらく入れなくなります。
signin-refused = 名前、パスワード、番号のどれかがちがいます。続けてまちがえたときは、少し待ってください。
signin-no-place = いま働いている病院が登録されていません。管理者に聞いてください。

institution-title = きょう働く病院

unlock-title = 画面を覆っています
unlock-why = しばらく使われていません。本人と確かめると、同じところに戻ります。
unlock-proof = パスワード、または6けたの番号
unlock-open = つづける
unlock-refused = ちがうようです。続けてまちがえたときは、少し待ってください。
unlock-kept = 書いたものは、この画面が預かっています。続けると戻ります。
unlock-unheard = 返事がありません。少し待って、もう一度 押してください。
back-title = 書いたものは残っています
back-why = 送るところで画面が覆われました。まだ送られていません。
back-send = もう一度 送る
back-leave = 送らずに きょうの画面へ

account-title = 自分の設定
account-current = いまのパスワード
account-new = 新しいパスワード
account-new-hint = 12文字より長く。文のほうが覚えやすく、強くなります。
account-change = パスワードを変える
account-changed = パスワードを変えました。ほかの端末では入りなおしになります。

password-short = 12文字より長くしてください。
password-simple = 同じ字や並んだ字だけでは使えません。
password-holds-name = サインイン用の名前を入れないでください。
password-same = いまのパスワードとはちがうものにしてください。

factor-title = 認証アプリをつなぐ
factor-why = はじめての方は、認証アプリに下の文字を入れ、出てきた6けたの番号を書いてください。
factor-secret = 認証アプリに入れる文字
factor-open = 認証アプリを開く
factor-add = つなぐ
factor-refused = 番号がちがいます。端末の時計が合っているか確かめてください。
account-keys = キーボード
account-keys-which = J・K(次の行・前の行)、/(さがす)、Alt と数字、Ctrl+Enter です。声で操作する方は、切ってください。この端末だけの設定です。
factor-qr = 認証アプリのカメラで読む印
codes-title = いまの番号(見本)
codes-link = 見本: いまの番号を見る
codes-why = 見本の職員の、認証アプリの番号です。この機械からだけ見られます。同じ番号は1回だけ使えます。
codes-left = あと { $seconds } 秒で変わります。
codes-role = 役割
codes-name = 名前
codes-again = いまの番号を出しなおす
