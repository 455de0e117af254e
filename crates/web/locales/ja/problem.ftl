# できなかったときの言葉: 何が、なぜ、どうすれば

problem-remedy = つぎにすること
problem-go = 直せるところへ
problem-back = はじめの画面へ

problem-refused-title = いまは できません
problem-refused-detail = きまりにより、いまは進めません。
problem-wrong-title = 入れなおしてください
problem-wrong-detail = つぎのところを直すと進めます。
problem-over-title = 診察は終わりました
problem-over-detail = もう つなぐものはありません。画面を開きなおすと、いまの状態が出ます。
problem-out-of-turn-title = この画面は古くなっています
problem-out-of-turn-detail = ほかの人が先に進めたか、時間がたちました。開きなおすと、いまの状態が出ます。
problem-not-found-title = そのページは ありません
problem-not-found-detail = アドレスがちがうか、あなたには開けないページです。
problem-not-allowed-title = その開き方は できません
problem-not-allowed-detail = 画面のボタンから進んでください。
problem-sign-in-title = もう一度 入ってください
problem-sign-in-detail = 入っていないか、時間がたちました。患者の方は、届いたメッセージのリンクを もう一度 押してください。
problem-covered-title = 画面を覆っています
problem-covered-detail = しばらく使われていません。本人と確かめると、同じところに戻ります。
problem-denied-title = この役割では できません
problem-denied-detail = 必要なときは、病院の管理者に役割を加えてもらってください。
problem-foreign-origin-title = 受けつけませんでした
problem-foreign-origin-detail = このサイトの画面から送られたものではありません。画面を開きなおして、もう一度 押してください。
problem-misdirected-title = ここは ちがう入口です
problem-misdirected-detail = 案内されたアドレスから開きなおしてください。
problem-malformed-title = 読み取れませんでした
problem-malformed-detail = 送られたものが こわれています。画面を開きなおして、もう一度 ためしてください。
problem-slow-title = 送り終わりませんでした
problem-slow-detail = 電波が弱いようです。何も変わっていません。電波のよい所で、もう一度 ためしてください。
problem-too-large-title = 大きすぎます
problem-too-large-detail = 送れる大きさを超えています。短くするか、写真を小さくしてください。
problem-wrong-kind-title = この形では受け取れません
problem-wrong-kind-detail = 画面のボタンから送ってください。
problem-too-many-title = 少し お待ちください
problem-too-many-detail = 短い間に何度も届きました。{ $seconds }秒 待ってから、もう一度 ためしてください。
problem-scarce-title = いまは 新しく始められません
problem-scarce-detail = 保存する場所(ディスク)が残りわずかです。残りは、始まっている診察を終えるために使います。何も変わっていません。ディスクの空きを増やしてください。約30秒で また始められます。
problem-unavailable-title = いまは 保存できません
problem-unavailable-detail = 何も変わっていません。少し待って、もう一度 ためしてください。急ぐときは お電話ください。

mender-patient = 患者
mender-physician = 医師
mender-reception = 受付
mender-administrator = 管理者
mender-vendor = 事業者

field-errors = つぎのところを直してください
field-empty = 入れてください。
field-wrong = この値は使えません。
field-long = 長すぎます。
field-not-text = 文字として読めません。
field-not-municipality = 市区町村として読めません。都道府県から書いてください。
problem-too-many-minutes = 短い間に何度も届きました。{ $minutes }分 待ってから、もう一度 ためしてください。
