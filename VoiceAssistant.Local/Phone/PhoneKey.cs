using System.Security.Cryptography;
using System.Text;

namespace VoiceAssistant.Local.Phone;

/// <summary>Opens the phone where its port may be public: a proxy that adds no header looks like this machine's browser.</summary>
/// <param name="given">The key, for those who make a link of it; empty for a random one.</param>
internal sealed class PhoneKey(string? given = null)
{
    /// <summary>The setting that holds a given key.</summary>
    public const string Name = "PHONE_KEY";

    private const string CookieName = "phone-key";
    private const string QueryName = "key";

    private readonly string _value = string.IsNullOrEmpty(given) ? RandomNumberGenerator.GetHexString(32, lowercase: true) : given;

    /// <summary>What comes after the page's address when it is opened for the first time.</summary>
    public string Query => $"?{QueryName}={_value}";

    /// <returns>Whether the request has the key; one that has it in the address need not have it there again.</returns>
    public bool Opens(HttpContext context)
    {
        if (!IsKey(context.Request.Query[QueryName].ToString()))
        {
            return IsKey(context.Request.Cookies[CookieName]);
        }

        context.Response.Cookies.Append(CookieName, _value, new() { HttpOnly = true, SameSite = SameSiteMode.Strict });
        return true;
    }

    private bool IsKey(string? text) =>
        text is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(_value));
}
