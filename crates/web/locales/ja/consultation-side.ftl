# 患者の側のこと: 手伝う人、困りごと、聞きたいこと、前の答え

side-helper = 画面の向こうは 手伝う方です: { $name }({ $relation })
side-help = 患者が「聞こえない・困った」を押しました
side-helped = つながりました
side-plan = 診療計画
side-asks = 患者が聞きたいところ: { $item }
side-fast = 説明の画面を { $seconds } 秒で進みました。口でも説明してください。
answer-earlier = 前の答え({ $at }): { $said }
statement-place-name = 場所の名前: { $name }
