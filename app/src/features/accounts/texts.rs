//! Texts of accounts.

use crate::texts::{Lang, texts};
use model::AccountError;

texts! {
    welcome_back: "다시 만나서 반가워요", "Welcome back";
    welcome: "1분이면 준비 끝이에요", "Ready in a minute";
    email: "이메일", "Email";
    password: "비밀번호", "Password";
    password_hint: "10자 이상, 흔하지 않은 것으로. 특수문자는 없어도 돼요.", "At least 10 characters, not a common one. No special characters needed.";
    nickname: "닉네임", "Nickname";
    nickname_hint: "순위판과 채팅에 보여요. 2–20자.", "Shown on boards and in chat. 2–20 characters.";
    agree_terms: "이용약관과 개인정보 처리방침에 동의해요 (필수)", "I accept the terms and the privacy policy (required)";
    agree_age: "만 14세 이상이에요 (필수)", "I am 14 or older (required)";
    agree_marketing: "새 소식을 받을래요 (선택)", "Send me news (optional)";
    no_account: "아직 회원이 아니세요?", "No account yet?";
    have_account: "이미 회원이세요?", "Already a member?";
    hello(name): "{name} 님, 안녕하세요", "Hello, {name}";
    signed_out_my: "로그인하면 여기에서 내 정보를 볼 수 있어요.", "Sign in to see your account here.";
    profile_title: "크리에이터 프로필", "Creator profile";
    profile_hint: "이벤트마다 이 이름으로 소개돼요. 나중에 바꿀 수 있어요.", "Events are shown under this name. You can change it later.";
    profile_name: "이름", "Name";
    profile_introduction: "소개", "Introduction";
    profile_links: "링크 (한 줄에 하나, 5개까지)", "Links (one a line, up to 5)";
    masked: "순위판에 닉네임을 가려서 보여 주세요", "Show my nickname masked on boards";
    masked_now(name): "지금은 ‘{name}’(으)로 보여요.", "It is shown as “{name}” now.";
    error_password: "이메일이나 비밀번호가 맞지 않아요.", "Email or password is not right.";
    field_well_known: "너무 널리 알려진 비밀번호예요. 다른 것으로 해 주세요.", "This password is too well known. Please choose another.";
    signed_out: "로그아웃했어요.", "You are signed out.";
    mode_set: "모드를 바꿨어요.", "The mode was changed.";
    field_wrong_password: "지금 비밀번호가 맞지 않아요.", "This is not your password.";
    my_devices: "로그인한 기기와 비밀번호", "Devices and password";
    devices_hint: "모르는 기기가 있으면 로그아웃하고 비밀번호를 바꿔 주세요.", "If there is one you do not know, sign it out and change your password.";
    device_unknown: "이름을 알 수 없는 브라우저", "A browser without a name";
    device_here: "지금 이 기기", "This device";
    signed_in_since(since, used): "{since}에 로그인 · 마지막 사용 {used}", "Signed in {since} · last used {used}";
    device_sign_out(name): "{name} 로그아웃", "Sign out {name}";
    devices_sign_out: "다른 기기 모두 로그아웃", "Sign out all others";
    device_ended: "그 기기에서 로그아웃했어요.", "That device is signed out.";
    devices_ended: "다른 기기에서 모두 로그아웃했어요.", "All other devices are signed out.";
    change_password: "비밀번호 바꾸기", "Change password";
    change_password_hint: "바꾸면 다른 기기는 모두 로그아웃돼요.", "All other devices are signed out then.";
    password_now: "지금 비밀번호", "Password now";
    password_new: "새 비밀번호", "New password";
    password_changed: "비밀번호를 바꿨어요. 다른 기기는 로그아웃됐어요.", "Your password was changed; other devices are signed out.";
    carried_hint: "로그인하면 적은 내용을 이어서 보낼 수 있어요.", "Sign in, and what you typed goes on.";
    joined_hint: "회원가입을 받았어요. 이제 로그인해 주세요. 이 이메일로 이미 가입했다면 그때 정한 비밀번호를 쓰세요.", "Your sign-up was received. Please sign in now. If this email already has an account, use the password it has.";
    carried_title: "로그인했어요. 적은 내용을 이어서 보낼까요?", "You are signed in. Send what you typed?";
    carried_on: "이어서 보내기", "Go on";
}

impl Lang {
    /// Why somebody is not let in.
    pub(crate) fn account_error(self, error: &AccountError) -> String {
        match error {
            AccountError::WrongPassword => self.error_password().into(),
            AccountError::KakaoOver => self.kakao_over().into(),
            AccountError::KakaoTaken => self.kakao_taken().into(),
            AccountError::TooManyTokens => self.tokens_too_many().into(),
            AccountError::OnlyWayIn => self.kakao_only_way_in().into(),
        }
    }
}
