# 患者の画面: 計画から出る決まり、来院先、電話の約束、困ったとき

shell-worse = 急に悪くなったとき

visit-explain-items = 読むところ
visit-explain-changed = 前に読んだときから 変わったところだけを出しています。
visit-explain-marks = 聞きたいところに印をつけても、つぎへ進めます。医師が口で説明します。

visit-agree-left = 同意が そろっていません
visit-agree-left-what = そろわないときは、オンラインではなく 来院で診ます。えらんだところは そのままです。えらび直すことも、病院と話してから決めることも できます。
visit-agree-left-in-person = 来院の予約へ進む

visit-callback-turn = 順番が来たら 電話で呼ぶ
visit-callback-place = 病院から 電話をもらう
visit-callback-agreement = 電話で話して 決める
visit-callback-asked = 電話の希望を 受けつけました({ $at })。病院から あなたの電話に かけます。
visit-callback-called = { $at } に お電話しました。

visit-given-prepare = 手元に 用意するもの
visit-given-place = すぐに 直接みてもらえる病院
visit-given-hours = 予約の決まり(おくれるとき・やめるとき・連絡先)

visit-going-title = 行き先
visit-going-where = どこへ
visit-going-by = いつまでに
visit-going-told = 医師からの言葉
visit-going-how = 行けないとき、具合が変わったときは、病院へ お電話ください。

visit-after-corrected = { $at } に 訂正しました。
visit-after-corrected-how = 新しい内容が上、前の内容が下です。
visit-after-old = 訂正の前({ $at })

visit-safety-title = 急に悪くなったとき
visit-safety-plan = あなたの診療計画の決まり
visit-safety-responds = こちらが 診ます
visit-safety-8000 = 子どもの急な病気(夜・休みの日)
visit-safety-area = 番号がつながらない地域では、119 か 病院へ。

visit-hold-ways = ほかの方法
visit-hold-other-day = 予約をやめて 別の日にする
visit-hold-company-title = いっしょにいる人の 承知が 要ります
visit-hold-company-why = 診察の話を聞いてよいか、その人に たしかめてください。むずかしいときは、少しの間 部屋を出てもらってください。
visit-hold-company-done = たしかめました

visit-different-place-name = 施設や職場にいるときは、その名前
visit-different-agree = その人は、診察の話を聞くことを 承知していますか
visit-different-agree-yes = 承知しています
visit-different-agree-no = まだです
visit-statement-agreed = いっしょにいる人も 承知しています。ほかの人には 聞かれません
visit-statement-place-name = 施設や職場の名前
visit-statement-choose-agree = その人が承知しているか

visit-mail-text =
    { $clinic }
    予約番号 { $number }

    { $at } から、{ $physician } 医師のオンライン診療です。
    待合には { $opens } から入れます。それより前に開くと、先に準備ができます。

    { $url }

    じゅんび
    ・場所: { $guidance }
    ・手元に: お薬手帳、血圧などのノート
    ・スマホ: 充電して、Safari か Chrome で開く

    知っておいてください
    ・オンラインでできるかどうかは、毎回 医師が決めます。来ていただくこともあります。
    ・録音・録画は しないでください。病院も しません。
    ・日を変えるとき・やめるときは お電話ください。お金は かかりません。
    ・近くで直接みる病院: { $near }

    開かないとき・予約した覚えがないときは 電話 { $phone }({ $hours })
    このメールに 病気や薬の名前は 書きません。
visit-mail-tomorrow = あすのオンライン診療(予約番号 { $number })

# できなかったとき、患者に向けた言葉
patient-problem-sign-in-title = リンクから 入り直してください
patient-problem-sign-in-detail = 時間がたったか、ほかのスマホで開かれました。届いたメッセージのリンクを もう一度 押してください。
patient-problem-not-found-detail = アドレスが ちがうようです。届いたメッセージのリンクを もう一度 押してください。
