using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using OpsConsole.Core.Webhooks;

namespace OpsConsole.Features.Webhooks;

/// <summary>The endpoints' signing keys: made here, stored protected by the console's own keys, opened only to sign.</summary>
internal sealed class WebhookKeys(IDataProtectionProvider protection)
{
    private const int Length = 32;
    private readonly IDataProtector _protector = protection.CreateProtector("OpsConsole.Webhooks.Secret");

    /// <summary>A new secret: as the team gets it, once, and as it is stored.</summary>
    public (string Secret, string Stored) New()
    {
        var key = RandomNumberGenerator.GetBytes(Length);
        return (WebhookSignature.Secret(key), _protector.Protect(Convert.ToBase64String(key)));
    }

    /// <summary>What signs now; null when this instance cannot open it (another key folder).</summary>
    public IReadOnlyList<byte[]>? Open(WebhookEndpoint endpoint, DateTimeOffset now)
    {
        try
        {
            return [.. endpoint.Signing(now).Select(stored => Convert.FromBase64String(_protector.Unprotect(stored)))];
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
