# 予約と招待

bookings-title = 予約
bookings-new-title = 新しい予約
bookings-one-title = 予約
bookings-none = これからの予約は ありません。
bookings-more = はじめの50件を出しています。
bookings-patient = 患者
bookings-physician = 医師
bookings-when = 日時
bookings-date = 日
bookings-time = 時刻
bookings-class = 受診の種類
bookings-stage = いま
bookings-number = 予約番号
bookings-contact = 届いている電話番号
bookings-new-condition = 新しい病気・症状での受診
bookings-class-derived = 初診・再診は、署名された診療計画があるかどうかで決まります。
bookings-book = 予約して 招待を送る
bookings-search-first = はじめに患者をさがします。
bookings-not-then = この日時には予約できません。
bookings-invite = 招待のリンク
bookings-invite-again = 招待を送り直す
bookings-invite-proxy = { $name }({ $relation })に、本人の名前のリンクを送る
bookings-proxy-new = 手伝う人を登録する
bookings-sent = この1時間に { $sent } 回送りました。あと { $left } 回送れます。
bookings-link-closed = 生年月日のまちがいが続き、リンクが休んでいます。電話で確かめてください。
bookings-cancel = 予約を取りやめる
bookings-class-first = 初診
bookings-class-first_new_condition = 新たな疾患の初診
bookings-class-followup = 再診
bookings-stage-requested = 申し込み
bookings-stage-booked = 予約ずみ
bookings-stage-checks = 待合
bookings-stage-live = 診察中
bookings-stage-ended = 終了 記録まち
bookings-stage-documented = 記録ずみ
bookings-stage-closed = 完了
bookings-stage-declined = お断り
bookings-stage-switched_in_person = 来院へ
bookings-stage-aborted = 取りやめ
bookings-message-subject = オンライン診療のご案内(予約番号 { $number })
bookings-message =
    【{ $clinic }】
    予約番号 { $number }
    { $at } オンライン診療({ $physician } 医師)です。
    できるかどうかは、毎回 医師が決めます。
    時間になったら 下を押してください。

    { $link }

    開かないとき・予約した覚えがないときは 電話 { $phone }
