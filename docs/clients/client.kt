// Log in, keep the cookie, call, log out. For Android: org.json and HttpURLConnection are there; call off the main
// thread (withContext(Dispatchers.IO)) and keep the cookie encrypted. Elsewhere add org.json:json.
// Without TLS an Android app also needs android:usesCleartextTraffic for the site.
import java.net.HttpURLConnection
import java.net.URL
import java.net.URLEncoder
import org.json.JSONObject

/** What the service says when it refuses; [retryAfter] are seconds. */
class ApiError(message: String, val status: Int, val retryAfter: Int?) : Exception(message)

/** [site] is the address of the WordPress site, [cookie] what an earlier login left in the app's safe store. */
class Client(site: String, var cookie: String = "") {
    private val site = site.trimEnd('/')

    fun call(method: String, parameters: Map<String, String> = emptyMap()): JSONObject {
        // Without TLS the methods of user and auth want to be told that this is meant.
        val form = if (site.startsWith("http:")) parameters + ("insecure" to "cool") else parameters
        val body = form.map { (name, value) -> "${escaped(name)}=${escaped(value)}" }.joinToString("&")
        val connection = URL("$site/api/$method/").openConnection() as HttpURLConnection
        try {
            connection.requestMethod = "POST"
            connection.connectTimeout = 10_000
            connection.readTimeout = 30_000
            connection.doOutput = true
            connection.setRequestProperty("Content-Type", "application/x-www-form-urlencoded")
            connection.outputStream.use { it.write(body.toByteArray()) }
            val status = connection.responseCode
            val stream = if (status < 400) connection.inputStream else connection.errorStream
            val json = JSONObject(stream.use { it.readBytes().toString(Charsets.UTF_8) })
            if (json.getString("status") != "ok") {
                throw ApiError(json.getString("error"), status, connection.getHeaderField("Retry-After")?.toIntOrNull())
            }
            return json
        } finally {
            connection.disconnect()
        }
    }

    private fun escaped(text: String) = URLEncoder.encode(text, "UTF-8")

    fun logIn(username: String, password: String): JSONObject {
        val answer = call("user/generate_auth_cookie", mapOf("username" to username, "password" to password))
        cookie = answer.getString("cookie")
        return answer.getJSONObject("user")
    }

    fun currentUser(): JSONObject = call("user/get_currentuserinfo", mapOf("cookie" to cookie)).getJSONObject("user")

    fun isLoggedIn(): Boolean =
        cookie.isNotEmpty() && call("user/validate_auth_cookie", mapOf("cookie" to cookie)).getBoolean("valid")

    fun logOut() {
        val ended = cookie
        // Forgotten whatever the service says: the session may have ended already.
        cookie = ""
        call("auth/clear_auth_cookie", mapOf("cookie" to ended))
    }
}

// java -cp client.jar:json.jar ClientKt https://example.org USERNAME PASSWORD
fun main(arguments: Array<String>) {
    val client = Client(arguments[0])
    client.logIn(arguments[1], arguments[2])
    println("Hello, ${client.currentUser().getString("displayname")}")
    val color = mapOf("cookie" to client.cookie, "meta_key" to "color")
    client.call("user/update_user_meta", color + ("meta_value" to "green"))
    println("Your color is ${client.call("user/get_user_meta", color).getJSONArray("color").getString(0)}")
    val kept = client.cookie
    client.logOut()
    println(if (Client(arguments[0], kept).isLoggedIn()) "Still logged in" else "Logged out")
}
