# 患者の側のこと: 手伝う人、困りごと、聞きたいこと、前の答え

side-helper = 画面の向こうは 手伝う方です: { $name }({ $relation })
side-plan = 診療計画
side-help = 患者が「聞こえない・困った」を押しました
side-helped = つながりました
answer-earlier = 前の答え({ $at }): { $said }
statement-place-name = 場所の名前: { $name }
