//! Texts of jobs.

use crate::texts::{Lang, texts};

texts! {
    jobs: "저절로 하는 일", "Jobs";
    jobs_hint: "여러 대가 함께 돌아도 한 일은 한 곳에서만 해요. 자주 하는 일의 기록은 15초마다 적어요.", "However many nodes there are, each job is run by one. What runs often is noted every 15 s.";
    job: "하는 일", "Job";
    job_every: "주기", "Every";
    job_last: "마지막 실행", "Last run";
    job_took: "걸린 시간", "Took";
    job_next: "다음 실행", "Next run";
    job_failures: "연속 실패", "Failures in a row";
    job_held: "계속 보는 중", "Watching";
    job_soon: "곧", "Soon";
    job_run: "지금 실행", "Run now";
    job_project: "참여 뒤처리: 내 참여 목록과 당첨 기록", "Writes members' entries and winners' claims";
    job_expire: "기한이 지난 경품 넘기기", "Passes on prizes whose deadline passed";
    job_remind: "당첨 정보 입력 알리기", "Reminds winners of their form";
    job_deliver: "알림 보내기", "Tells members what is new";
    job_send: "알림을 기기와 메일로 보내기", "Sends notices to devices and by mail";
    job_letters: "새 비밀번호를 정하는 메일 보내기", "Mails links to set another password";
    job_settle: "끝난 이벤트 마무리", "Settles events that are over";
    job_erase: "당첨자 개인정보 지우기", "Erases what winners wrote";
    job_sessions: "끝난 로그인 지우기", "Deletes sessions that ended";
    job_devices: "오래된 기기 잊기", "Forgets old devices";
    job_payments: "결제와 환불 확인하기", "Goes on with payments and refunds";
    job_sales: "주문 번호, 지난 선점, 취소된 판매 처리", "Numbers orders, ends holds, gives back what was called off";
    job_slots: "결제하지 않은 시간 풀기", "Free hours that nobody paid for";
    job_parties: "하루 지난 파티 끝내기", "Ends parties that met a day ago";
    job_reminders: "곧 열리는 것과 곧 끝나는 결제 시간 알리기", "Reminds of openings and of holds that end";
    job_items: "매주 월요일 4시에 품목 가져오기", "Imports the catalogue of items, Mondays at four";
    job_webhooks: "크리에이터의 서버에 알리기", "Tells creators' own servers";
    job_asked: "곧 실행돼요.", "It runs in a moment.";
}
