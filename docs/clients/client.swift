// Log in, keep the cookie, call, log out. Foundation alone; keep the cookie in the Keychain.
// Without TLS an iOS app also needs an exception from App Transport Security for the site.
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// What the service says when it refuses; `retryAfter` are seconds.
struct ApiError: Error, CustomStringConvertible {
    let message: String
    let status: Int
    let retryAfter: Int?
    var description: String { message }
}

struct User: Decodable {
    let id: Int
    let username: String
    let email: String
    let displayname: String
    let avatar: String?
}

final class Client {
    let site: String
    /// What an earlier login left in the app's safe store.
    var cookie: String

    init(site: String, cookie: String = "") {
        var site = site
        while site.hasSuffix("/") { site.removeLast() }
        self.site = site
        self.cookie = cookie
    }

    private struct Refusal: Decodable {
        let status: String
        let error: String?
    }

    func call<T: Decodable>(_ method: String, _ parameters: [String: String] = [:], as type: T.Type) async throws -> T {
        var form = parameters
        // Without TLS the methods of user and auth want to be told that this is meant.
        if site.hasPrefix("http:") { form["insecure"] = "cool" }
        var request = URLRequest(url: URL(string: "\(site)/api/\(method)/")!, timeoutInterval: 30)
        request.httpMethod = "POST"
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        request.httpBody = form.map { "\(escaped($0.key))=\(escaped($0.value))" }.joined(separator: "&").data(using: .utf8)
        request.httpShouldHandleCookies = false
        let (data, answer) = try await URLSession.shared.data(for: request)
        let refusal = try JSONDecoder().decode(Refusal.self, from: data)
        guard refusal.status == "ok" else {
            let http = answer as? HTTPURLResponse
            let wait = http?.value(forHTTPHeaderField: "Retry-After").flatMap(Int.init)
            throw ApiError(message: refusal.error ?? "no reason given", status: http?.statusCode ?? 0, retryAfter: wait)
        }
        return try JSONDecoder().decode(type, from: data)
    }

    private func escaped(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    private struct Login: Decodable { let cookie: String; let user: User }
    private struct Current: Decodable { let user: User }
    private struct Validity: Decodable { let valid: Bool }
    private struct Done: Decodable {}

    func logIn(username: String, password: String) async throws -> User {
        let parameters = ["username": username, "password": password]
        let login = try await call("user/generate_auth_cookie", parameters, as: Login.self)
        cookie = login.cookie
        return login.user
    }

    func currentUser() async throws -> User {
        try await call("user/get_currentuserinfo", ["cookie": cookie], as: Current.self).user
    }

    func isLoggedIn() async throws -> Bool {
        if cookie.isEmpty { return false }
        return try await call("user/validate_auth_cookie", ["cookie": cookie], as: Validity.self).valid
    }

    func logOut() async throws {
        let ended = cookie
        // Forgotten whatever the service says: the session may have ended already.
        cookie = ""
        _ = try await call("auth/clear_auth_cookie", ["cookie": ended], as: Done.self)
    }
}

// swiftc -parse-as-library client.swift && ./client https://example.org USERNAME PASSWORD
@main
struct Example {
    struct Meta: Decodable { let color: [String] }
    struct Done: Decodable {}

    static func main() async {
        do {
            try await run(CommandLine.arguments)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    static func run(_ arguments: [String]) async throws {
        let client = Client(site: arguments[1])
        _ = try await client.logIn(username: arguments[2], password: arguments[3])
        print("Hello, \(try await client.currentUser().displayname)")
        let color = ["cookie": client.cookie, "meta_key": "color"]
        let green = color.merging(["meta_value": "green"]) { $1 }
        _ = try await client.call("user/update_user_meta", green, as: Done.self)
        let meta = try await client.call("user/get_user_meta", color, as: Meta.self)
        print("Your color is \(meta.color[0])")
        let kept = client.cookie
        try await client.logOut()
        print(try await Client(site: arguments[1], cookie: kept).isLoggedIn() ? "Still logged in" : "Logged out")
    }
}
