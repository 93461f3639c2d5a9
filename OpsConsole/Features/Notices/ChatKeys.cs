using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using OpsConsole.Core.Notices;

namespace OpsConsole.Features.Notices;

/// <summary>Addresses of chat channels, protected by the console's own keys: whoever has one can write there.</summary>
internal sealed class ChatKeys(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("OpsConsole.Notices.ChatAddress");

    public string Seal(string url) => _protector.Protect(url);

    /// <summary>Null when this instance cannot open it (another key folder).</summary>
    public string? Open(ChatChannel channel)
    {
        try
        {
            return _protector.Unprotect(channel.Url);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
