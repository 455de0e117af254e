//! Illnesses of the made-up patients: code, treatment, findings, and the words of a note.

use care::plan::Diagnosis;
use care::record::Soap;

/// One illness.
pub(super) struct Condition {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    treatment: &'static str,
    pub(super) findings: &'static str,
    subjective: &'static str,
    objective: &'static str,
    assessment: &'static str,
    plan: &'static str,
    /// Why care online would stop.
    pub(super) stop: &'static str,
}

impl Condition {
    pub(super) fn diagnosis(&self) -> Diagnosis {
        Diagnosis {
            code: self.code.to_owned(),
            name: self.name.to_owned(),
        }
    }

    pub(super) fn treatment(&self) -> String {
        self.treatment.to_owned()
    }

    /// The note of an ordinary visit.
    pub(super) fn note(&self) -> Soap {
        Soap {
            subjective: self.subjective.to_owned(),
            objective: self.objective.to_owned(),
            assessment: self.assessment.to_owned(),
            plan: self.plan.to_owned(),
            explained: "薬はいままでと同じと説明。悪くなったら電話、胸の痛みは119と確認。"
                .to_owned(),
            treated: Vec::new(),
            cited: Vec::new(),
        }
    }
}

pub(super) const HYPERTENSION: Condition = Condition {
    code: "I10",
    name: "本態性高血圧症",
    treatment: "アムロジピン5mg 1日1回。家庭血圧の記録。減塩。",
    findings: "血圧 138/82。心音・呼吸音に異常なし。下腿にむくみなし。",
    subjective: "ふらつきなし。毎朝はかり130台。薬はのめている。",
    objective: "顔色よい。会話よどみなし。下腿を画面で確認、むくみなし。家庭血圧 132/78。",
    assessment: "本態性高血圧症 安定。",
    plan: "継続。次は来院して採血。",
    stop: "収縮期血圧180以上",
};

pub(super) const DIABETES: Condition = Condition {
    code: "E11.9",
    name: "2型糖尿病",
    treatment: "メトホルミン500mg 1日2回。食事と歩行の記録。",
    findings: "HbA1c 6.9%。足の皮膚に傷なし。神経症状なし。",
    subjective: "食事は三食。歩くのは週4日。低血糖の感じはない。",
    objective: "顔色よい。足を画面で確認、傷なし。朝の血糖 118。",
    assessment: "2型糖尿病 落ちついている。",
    plan: "継続。次の来院でHbA1c。",
    stop: "低血糖をくりかえすとき",
};

pub(super) const LIPIDS: Condition = Condition {
    code: "E78.5",
    name: "脂質異常症",
    treatment: "ロスバスタチン2.5mg 1日1回。食事の相談。",
    findings: "LDL 118。筋肉の痛みなし。肝機能に異常なし。",
    subjective: "筋肉の痛みなし。薬ののみ忘れ月1回ほど。",
    objective: "元気な表情。会話よどみなし。",
    assessment: "脂質異常症 目標内。",
    plan: "継続。次の来院で採血。",
    stop: "強い筋肉の痛み、茶色の尿",
};

pub(super) const ASTHMA: Condition = Condition {
    code: "J45.9",
    name: "気管支喘息",
    treatment: "吸入ステロイド 1日2回。発作時の吸入。",
    findings: "呼吸音に喘鳴なし。酸素飽和度 98%。ピークフロー良好。",
    subjective: "夜のせきは週1回。走っても苦しくない。",
    objective: "会話に息切れなし。肩で息をしていない。ピークフロー記録を画面で確認。",
    assessment: "気管支喘息 コントロール良好。",
    plan: "継続。季節の変わりめに注意。",
    stop: "話すと息が切れる、夜に眠れない息苦しさ",
};

pub(super) const THYROID: Condition = Condition {
    code: "E03.9",
    name: "甲状腺機能低下症",
    treatment: "レボチロキシン50µg 1日1回。",
    findings: "甲状腺の腫れなし。TSH 2.8。脈 72 整。",
    subjective: "だるさはない。便通ふつう。",
    objective: "顔のむくみなし。声のかすれなし。",
    assessment: "甲状腺機能低下症 安定。",
    plan: "継続。半年ごとに採血。",
    stop: "強いだるさ、意識がぼんやりするとき",
};

pub(super) const HAY_FEVER: Condition = Condition {
    code: "J30.1",
    name: "花粉症",
    treatment: "フェキソフェナジン60mg 1日2回。点鼻。",
    findings: "鼻の粘膜に軽い腫れ。のど異常なし。胸の音異常なし。",
    subjective: "くしゃみは朝だけ。眠気なし。",
    objective: "目の赤みなし。鼻声なし。",
    assessment: "花粉症 軽い。",
    plan: "継続。",
    stop: "息苦しさ、顔のはれ",
};
