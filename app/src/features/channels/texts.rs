//! Texts of how members are told outside the site.

use crate::texts::{Lang, texts};

texts! {
    channels: "알림 받는 곳", "Where you are told";
    delivery_quiet: "밤 9시부터 아침 8시까지는 내 차례처럼 그 시간에만 쓸모 있는 알림만 보내요.", "From 21 to 8 o'clock, Korea time, only what is of use in that very hour is sent, such as your turn.";
    push: "기기로 받기", "On devices";
    push_here: "이 기기로 알림 받기", "Tell me on this device";
    push_on: "이 기기로 알림을 받고 있어요.", "You are told on this device.";
    push_off: "이 기기에서 끄기", "Not on this device";
    push_unavailable: "이 사이트에서는 기기로 알림을 보내지 않아요.", "This site sends nothing to devices.";
    push_unsupported: "이 브라우저는 알림을 받을 수 없어요. 다른 브라우저로 열어 주세요.", "This browser cannot be told. Please use another one.";
    push_install: "아이폰과 아이패드에서는 공유 버튼의 ‘홈 화면에 추가’로 설치한 다음, 설치한 앱에서 켤 수 있어요.", "On iPhone and iPad, add this site to the home screen by the share button first; then switch it on in there.";
    push_denied: "브라우저에서 이 사이트의 알림을 막아 두었어요. 브라우저 설정에서 허용한 다음 다시 열어 주세요.", "Notifications of this site are blocked in your browser. Allow them in its settings and open this page again.";
    push_failed: "알림을 켜지 못했어요. 잠시 뒤에 다시 해 주세요.", "That did not work. Please try again in a moment.";
    push_scripts: "기기로 알림을 받으려면 브라우저에서 스크립트를 켜 주세요.", "To be told on a device, allow scripts in your browser.";
    devices: "알림을 받는 기기", "Devices that are told";
    device: "이름 없는 기기", "Unnamed device";
    device_since(when): "{when}부터", "Since {when}";
    device_reached(when): "마지막으로 보낸 때: {when}", "Reached last {when}";
    device_remove: "끄기", "Remove";
    device_remove_which(label): "{label} 끄기", "Remove {label}";
    device_added: "이 기기로 알림을 보낼게요.", "You are told on this device from now on.";
    device_removed: "그 기기로는 알림을 보내지 않아요.", "That device is told no more.";
    mail: "메일로 받기", "By mail";
    mail_is_off(email): "{email}로는 알림 메일을 보내지 않아요.", "No notices are mailed to {email}.";
    mail_is_asked(email): "{email}로 확인 메일을 보냈어요. 메일에 있는 버튼을 누르면 켜져요.", "A mail is on its way to {email}. Notices are mailed once you follow its link.";
    mail_is_on(email): "{email}로 알림 메일을 보내고 있어요.", "Notices are mailed to {email}.";
    mail_on: "메일로도 받기", "Mail them to me";
    mail_again: "확인 메일 다시 받기", "Send that mail again";
    mail_off: "메일 끄기", "No mail any more";
    mail_set: "메일 설정을 바꿨어요.", "Your choice is noted.";
    mail_open: "59초에서 보기", "Open on 59초";
    mail_why: "59초에서 알림을 메일로도 받기로 해서 보냈어요.", "You receive this because you asked 59초 to mail your notices.";
    mail_asks: "59초 알림을 메일로 받으시겠어요?", "Do you want notices of 59초 by mail?";
    mail_asks_why: "이 주소로 59초에 가입한 분이 알림 메일을 켰어요. 직접 하지 않았다면 아무것도 하지 않으셔도 돼요.", "Somebody who signed up at 59초 with this address asked for it. If that was not you, do nothing: nothing more is sent.";
    mail_confirm: "알림 메일 받기", "Notices by mail";
    mail_confirm_hint: "버튼을 누르면 이 주소로 알림 메일을 보내요.", "Press the button, and your notices are mailed to this address.";
    mail_confirm_do: "알림 메일 받기", "Mail me my notices";
    mail_confirmed: "이 주소로 알림 메일을 보내고 있어요.", "Your notices are mailed to this address.";
    mail_stop: "알림 메일 그만 받기", "No more notices by mail";
    mail_stop_hint: "버튼을 누르면 알림 메일을 더 보내지 않아요.", "Press the button, and no notices are mailed any more.";
    mail_stop_do: "그만 받기", "No more mail";
    mail_stopped: "이제 알림 메일을 보내지 않아요.", "No notices are mailed any more.";
}
