// Log in, keep the cookie, call, log out. For Flutter: add the package http (flutter pub add http), and keep the
// cookie in flutter_secure_storage.
import 'dart:convert';

import 'package:http/http.dart' as http;

/// What the service says when it refuses; [retryAfter] are seconds.
class ApiError implements Exception {
  ApiError(this.message, this.status, this.retryAfter);
  final String message;
  final int status;
  final int? retryAfter;

  @override
  String toString() => message;
}

class Client {
  /// [site] is the address of the WordPress site, [cookie] what an earlier login left in the app's safe store.
  Client(String site, {this.cookie = ''}) : site = site.replaceFirst(RegExp(r'/+$'), '');
  final String site;
  String cookie;

  Future<Map<String, dynamic>> call(String method, [Map<String, String> parameters = const {}]) async {
    final form = {
      ...parameters,
      // Without TLS the methods of user and auth want to be told that this is meant.
      if (site.startsWith('http:')) 'insecure': 'cool',
    };
    final answer = await http.post(Uri.parse('$site/api/$method/'), body: form).timeout(const Duration(seconds: 30));
    final json = jsonDecode(utf8.decode(answer.bodyBytes)) as Map<String, dynamic>;
    if (json['status'] != 'ok') {
      throw ApiError(json['error'] as String, answer.statusCode, int.tryParse(answer.headers['retry-after'] ?? ''));
    }
    return json;
  }

  Future<Map<String, dynamic>> logIn(String username, String password) async {
    final answer = await call('user/generate_auth_cookie', {'username': username, 'password': password});
    cookie = answer['cookie'] as String;
    return answer['user'] as Map<String, dynamic>;
  }

  Future<Map<String, dynamic>> currentUser() async =>
      (await call('user/get_currentuserinfo', {'cookie': cookie}))['user'] as Map<String, dynamic>;

  Future<bool> isLoggedIn() async =>
      cookie.isNotEmpty && (await call('user/validate_auth_cookie', {'cookie': cookie}))['valid'] as bool;

  Future<void> logOut() async {
    final ended = cookie;
    // Forgotten whatever the service says: the session may have ended already.
    cookie = '';
    await call('auth/clear_auth_cookie', {'cookie': ended});
  }
}

// dart run client.dart https://example.org USERNAME PASSWORD
Future<void> main(List<String> arguments) async {
  final client = Client(arguments[0]);
  await client.logIn(arguments[1], arguments[2]);
  print('Hello, ${(await client.currentUser())['displayname']}');
  await client.call('user/update_user_meta', {'cookie': client.cookie, 'meta_key': 'color', 'meta_value': 'green'});
  final meta = await client.call('user/get_user_meta', {'cookie': client.cookie, 'meta_key': 'color'});
  print('Your color is ${(meta['color'] as List).first}');
  final kept = client.cookie;
  await client.logOut();
  print(await Client(arguments[0], cookie: kept).isLoggedIn() ? 'Still logged in' : 'Logged out');
}
