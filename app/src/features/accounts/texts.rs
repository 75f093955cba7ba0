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
    profile_introduction_hint: "1,000자까지. 무엇을 하는 분인지 알려 주세요.", "Up to 1,000 characters. Say what you do.";
    profile_links: "링크 (한 줄에 하나, 5개까지)", "Links (one a line, up to 5)";
    my_profile: "내 프로필", "My profile";
    my_profile_hint: "닉네임과 사진은 채팅, 파티, 후기에 보여요. 순위판에는 닉네임만 보이고, 닉네임을 가린 곳에는 사진도 없어요.", "Your nickname and picture are shown in chat, parties and reviews. Boards show the nickname alone, and where it is masked there is no picture.";
    my_picture: "프로필 사진", "Picture";
    my_picture_hint: "JPEG, PNG, WebP 10 MB까지. 정사각형으로 자르고, 찍은 곳 같은 정보는 지워요. 누구나 볼 수 있어요.", "JPEG, PNG or WebP up to 10 MB. It is cut to a square, and where it was taken is removed. Everybody can see it.";
    no_picture: "아직 사진이 없어요.", "No picture yet.";
    add_picture: "사진 올리기", "Upload a picture";
    change_picture: "다른 사진 올리기", "Upload another";
    remove_picture: "사진 지우기", "Remove the picture";
    remove_picture_hint: "되돌릴 수 없어요. 다시 보이려면 새로 올려 주세요.", "It cannot be brought back: upload it again if you want it.";
    picture_set: "사진을 바꿨어요.", "Your picture was changed.";
    picture_removed: "사진을 지웠어요.", "The picture is removed.";
    new_nickname: "새 닉네임", "New nickname";
    new_nickname_hint: "30일에 한 번 바꿀 수 있어요. 다른 회원이나 운영진처럼 보이는 이름은 쓸 수 없어요. 2–20자.", "Once in 30 days, and none that looks like another member's or the site's own. 2–20 characters.";
    change_nickname: "닉네임 바꾸기", "Change nickname";
    nickname_changed: "닉네임을 바꿨어요.", "Your nickname was changed.";
    nickname_kept_until(when): "{when}부터 다시 바꿀 수 있어요.", "It can be changed again from {when}.";
    masked: "순위판에 닉네임을 가려서 보여 주세요", "Show my nickname masked on boards";
    masked_now(name): "지금 보이는 이름: {name}", "It is shown as “{name}” now.";
    error_nickname_kept(days: plural): "닉네임은 30일에 한 번 바꿀 수 있어요. {days}일 뒤에 다시 바꿀 수 있어요.", "A nickname can be changed once in 30 days. Yours can be in {days} day." | "A nickname can be changed once in 30 days. Yours can be in {days} days.";
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
    devices_tokens_stay: "내 프로그램의 토큰은 그대로 남아요.", "Tokens of your programs stay.";
    device_ended: "그 기기에서 로그아웃했어요.", "That device is signed out.";
    devices_ended: "다른 기기에서 모두 로그아웃했어요.", "All other devices are signed out.";
    change_password: "비밀번호 바꾸기", "Change password";
    change_password_hint: "바꾸면 다른 기기는 모두 로그아웃되고, 내 프로그램의 토큰은 없어져요.", "All other devices are signed out then, and tokens of your programs end.";
    change_password_kakao: "카카오 연결도 끊기", "Disconnect Kakao as well";
    password_now: "지금 비밀번호", "Current password";
    password_new: "새 비밀번호", "New password";
    devices_no_password: "비밀번호가 없는 계정이에요.", "This account has no password.";
    password_changed: "비밀번호를 바꿨어요. 다른 기기는 로그아웃됐어요.", "Your password was changed; other devices are signed out.";
    forgot: "비밀번호를 잊으셨나요?", "Forgot your password?";
    forgot_title: "비밀번호 다시 정하기", "Set another password";
    forgot_hint: "가입한 이메일을 적어 주세요. 새 비밀번호를 정하는 링크를 보내 드려요.", "Tell us the email that you signed up with, and we send you a link to set another password.";
    forgot_send: "링크 받기", "Send me a link";
    forgot_asked: "메일을 확인해 주세요.", "Please look into your mail.";
    forgot_sent: "이 이메일로 가입한 회원이 있으면 링크를 보냈어요. 30분 안에 열어 주세요. 몇 분이 지나도 오지 않으면 스팸함과 이메일 주소를 확인해 주세요.", "If somebody signed up with this email, a link is on its way. Open it within 30 minutes. If it does not come within a few minutes, look into your spam folder and check the address.";
    forgot_again: "링크 다시 받기", "Ask for another link";
    forgot_unavailable: "이 사이트는 메일을 보내지 않아서, 여기에서는 비밀번호를 다시 정할 수 없어요. 사이트를 운영하는 분에게 한 번만 쓸 수 있는 링크를 부탁해 주세요.", "This site sends no mail, so passwords cannot be set anew here. Please ask whoever runs it for a link that can be used once.";
    forgot_mail: "59초 비밀번호를 다시 정해 주세요", "Set another password at 59초";
    forgot_mail_why: "누군가 이 주소로 59초 비밀번호를 다시 정하려고 해서 보냈어요. 링크는 30분 동안 한 번만 쓸 수 있어요. 직접 하지 않았다면 아무것도 하지 않으셔도 돼요. 비밀번호는 그대로예요.", "Somebody asked to set another password at 59초 for this address. The link can be used once, within 30 minutes. If that was not you, do nothing: your password stays as it is.";
    set_password: "새 비밀번호 정하기", "Set a new password";
    set_password_hint: "정하고 나면 모든 기기에서 로그아웃돼요.", "You are signed out on all devices then.";
    password_set: "새 비밀번호를 정했어요. 이제 로그인해 주세요.", "Your new password is set. Please sign in with it.";
    error_link_used: "이미 쓴 링크예요. 필요하면 다시 받아 주세요.", "This link was used already. Ask for another one if you need it.";
    error_link_over: "시간이 지난 링크예요. 30분 안에 써야 해요. 다시 받아 주세요.", "This link is too old: it lasts 30 minutes. Please ask for another one.";
    error_link_unknown: "맞지 않는 링크예요. 메일에 있는 주소를 그대로 열었는지 확인하거나, 다시 받아 주세요.", "This is not one of our links. Check that you opened the whole address from the mail, or ask for another one.";
    change_email: "이메일 바꾸기", "Change email";
    change_email_mailed: "새 주소로 링크를 보내 드려요. 30분 안에 로그인한 채로 열면 바뀌고, 그때까지는 지금 이메일 그대로예요.", "We send a link to the new address. Open it within 30 minutes while you are signed in; until then your email stays as it is.";
    change_email_at_once: "이 사이트는 메일을 보내지 않아서 바로 바뀌어요. 주소를 한 번 더 확인해 주세요.", "This site sends no mail, so your email changes at once. Please check the address once more.";
    email_now(email): "지금 이메일: {email}", "Your email now: {email}";
    email_new: "새 이메일", "New email";
    email_prove: "비밀번호가 없는 계정이에요. 지금 이메일로 링크를 받아 비밀번호를 먼저 정하면 이메일을 바꿀 수 있어요.", "Your account has no password. Set one first, by a link to your email of today; then you can change your email.";
    email_needs_mail: "비밀번호가 없는 계정이라 이메일을 쓸 일이 없어요.", "Your account has no password, so there is nothing that you would need an email for.";
    email_sent: "새 주소로 메일을 보냈어요. 30분 안에 메일에 있는 링크를 열어 주세요. 몇 분이 지나도 오지 않으면 스팸함과 이메일 주소를 확인해 주세요.", "A letter to the new address is on its way. Open the link in it within 30 minutes. If it does not come within a few minutes, look into your spam folder and check the address.";
    email_again: "다시 하기", "Try again";
    email_done: "위에 보이는 주소가 지금 이메일이에요. 새 주소가 아니라면 이미 다른 계정이 쓰는 주소라서 그대로 두었어요.", "The address above is your email now. If it is not the new one, another account has that, and yours was left as it is.";
    email_confirm(email): "{email}, 이 주소로 바꿀까요?", "Change your email to {email}?";
    email_changed: "이메일을 바꿨어요. 다른 기기는 로그아웃됐어요.", "Your email was changed; other devices are signed out.";
    email_mail: "59초 이메일을 이 주소로 바꿀까요?", "Change your email at 59초 to this address";
    email_mail_why: "누군가 59초 계정의 이메일을 이 주소로 바꾸려고 해서 보냈어요. 링크는 30분 동안, 그 계정으로 로그인한 채로만 쓸 수 있어요. 직접 하지 않았다면 아무것도 하지 않으셔도 돼요.", "Somebody asked to have this address as the email of their account at 59초. The link works for 30 minutes, and only while signed in to that account. If that was not you, do nothing.";
    email_taken_mail: "이 주소로 가입한 59초 계정이 이미 있어요", "There is an account at 59초 with this address already";
    email_taken_mail_why: "누군가 59초 계정의 이메일을 이 주소로 바꾸려고 해서 보냈어요. 이미 계정이 있는 주소라서 바뀐 것은 없어요. 직접 하지 않았다면 아무것도 하지 않으셔도 돼요.", "Somebody asked to have this address as the email of another account at 59초. Nothing was changed, since it has one already. If that was not you, do nothing.";
    email_changed_mail: "59초 이메일이 다른 주소로 바뀌었어요", "Your email at 59초 is another one now";
    email_changed_mail_why: "이 주소를 쓰던 59초 계정의 이메일이 바뀌어서 보냈어요. 직접 하지 않았다면 사이트를 운영하는 분에게 바로 알려 주세요.", "The account at 59초 that had this address has another email now. If you did not do that, tell whoever runs the site at once.";
    my_account: "계정과 내 정보", "Account and my data";
    consents: "동의한 내역", "What you agreed to";
    consent_version(version: count): "{version}판에 동의했어요", "You accepted version {version}";
    consent_since(when): "{when}에 정했어요. 밤 9시부터 아침 8시까지는 보내지 않아요.", "Decided {when}. Nothing is sent from 21 to 8 o'clock, Korea time.";
    my_data: "내 정보 받기", "Take your data along";
    my_data_hint: "59초가 보관하는 내 정보를 파일 하나(JSON)로 받을 수 있어요.", "Everything that 59초 keeps of you, as one file (JSON).";
    my_data_download: "파일로 받기", "Download";
    data_file: "내 정보", "my data";
    leave_title: "59초 떠나기", "Leave 59초";
    leave_site_hint: "떠나면 계정은 되살릴 수 없어요. 무엇을 지우고 무엇을 왜 보관하는지 먼저 확인해 주세요.", "An account that is gone cannot be brought back. Read first what is erased, and what is kept and why.";
    leave_look: "떠나기 전에 확인하기", "Before you leave";
    leave_before: "떠나기 전에", "Before you leave";
    leave_sure: "계정을 되살릴 수 없다는 것을 알고 있어요 (필수)", "I know that my account cannot be brought back (required)";
    leave_prove: "비밀번호가 없는 계정이라, 본인인지 카카오에서 한 번 더 로그인해 확인할게요.", "Your account has no password, so please sign in at Kakao once more to show that it is you.";
    leave_prove_do: "카카오로 확인하기", "Confirm with Kakao";
    leave_prove_again: "카카오로 다시 확인하기", "Confirm with Kakao once more";
    leave_proved: "카카오에서 확인했어요. 15분 안에 마쳐 주세요.", "Kakao confirmed that it is you. You have 15 minutes from then on.";
    leave_by_link: "비밀번호가 없는 계정이에요. 이메일로 링크를 받아 비밀번호를 먼저 정하면, 그 비밀번호로 본인인지 확인할게요. 그 이메일을 더는 볼 수 없다면 사이트를 운영하는 분에게 비밀번호를 정하는 링크를 부탁해 주세요.", "Your account has no password. Set one first, by a link to your email: that shows that it is you. If you cannot read that email any more, please ask whoever runs the site for a link to set one.";
    leave_no_proof: "비밀번호가 없는 계정인데 지금 이 사이트에서는 본인인지 확인할 방법이 없어요. 사이트를 운영하는 분에게 비밀번호를 정하는 링크를 부탁해 주세요.", "Your account has no password, and there is no way to show here that it is you. Please ask whoever runs the site for a link to set one.";
    leave_shared: "체험하는 분들이 함께 쓰는 계정이라 지울 수 없어요.", "Everybody who looks at the demonstration uses this account, so it cannot be erased.";
    leave_do: "계정 지우고 떠나기", "Erase my account";
    leave_done: "계정을 지웠어요. 그동안 고마웠어요.", "Your account is erased. Thank you for having been here.";
    leave_blocked: "아직 떠날 수 없어요. 먼저 마쳐야 할 일이 있어요.", "You cannot leave yet. Please end these first.";
    fate_erased: "바로 지워요", "Erased at once";
    fate_anonymous: "누구였는지 알 수 없게 남아요", "Stays, and nobody reads whose it was";
    fate_kept: "정해진 동안 보관해요", "Kept for a while";
    blocked_by_events: "열려 있거나 예고한 이벤트, 또는 아직 보내지 않은 경품이 있어요.", "Events of yours are announced or open, or prizes are still to be sent.";
    blocked_by_sales: "아직 도착하지 않았거나 반품할 수 있는 주문, 또는 끝나지 않은 반품이 있어요.", "Orders that others placed with you are under way, may be sent back, or are being sent back.";
    blocked_by_payout: "정산받을 금액이 남아 있어요.", "There is money that you are still to be paid.";
    blocked_by_hours: "예약한 타임딜 시간이 남아 있어요.", "You have booked hours for deals that are to come.";
    blocked_by_orders: "진행 중인 주문이나 결제, 반품이 있어요.", "Orders, payments or returns of yours are under way.";
    blocked_by_tickets: "아직 쓰지 않은 입장권이 있어요.", "You have tickets for what is to come.";
    blocked_by_parties: "이웃이 기다리는 파티가 있어요.", "Neighbours count on you in parties.";
    blocked_by_admin: "사이트를 돌보는 마지막 한 분이에요. 다른 분에게 먼저 맡겨 주세요.", "You are the only one who looks after the site. Have somebody else do so first.";
    error_cannot_leave: "먼저 마쳐야 할 일이 있어서 아직 떠날 수 없어요.", "You cannot leave yet: something is to be ended first.";
    carried_hint: "로그인하면 적은 내용을 이어서 보낼 수 있어요.", "Sign in, and what you typed goes on.";
    joined_hint: "회원가입을 받았어요. 이제 로그인해 주세요. 이 이메일로 이미 가입했다면 그때 정한 비밀번호를 쓰세요.", "Your sign-up was received. Please sign in now. If this email already has an account, use the password it has.";
    carried_title: "로그인했어요. 적은 내용을 이어서 보낼까요?", "You are signed in. Send what you typed?";
    carried_on: "이어서 보내기", "Go on";
}

impl Lang {
    /// Why somebody is not let in, or not called so.
    pub(crate) fn account_error(self, error: &AccountError) -> String {
        match error {
            AccountError::WrongPassword => self.error_password().into(),
            AccountError::NicknameKept { retry_after } => self.error_nickname_kept(retry_after.div_ceil(86_400)),
            AccountError::LastAdmin => self.error_last_admin().into(),
            AccountError::AdminLinkOver => self.error_admin_link().into(),
            AccountError::LinkUsed => self.error_link_used().into(),
            AccountError::LinkOver => self.error_link_over().into(),
            AccountError::LinkUnknown => self.error_link_unknown().into(),
            AccountError::CannotLeave => self.error_cannot_leave().into(),
            AccountError::KakaoOver => self.kakao_over().into(),
            AccountError::KakaoTaken => self.kakao_taken().into(),
            AccountError::TooManyTokens => self.tokens_too_many().into(),
            AccountError::OnlyWayIn => self.kakao_only_way_in().into(),
            AccountError::PictureChanged => self.error_picture_changed().into(),
        }
    }
}
