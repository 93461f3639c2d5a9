using OpsConsole.Core.Notices;
using OpsConsole.Core.Webhooks;

namespace OpsConsole.Features.Notices;

/// <summary>The way out for mail. The one that is real speaks SMTP to the operator's server.</summary>
public interface IMailer
{
    /// <summary>A server is set.</summary>
    bool On { get; }

    /// <summary>Sends it and says what came of it; never throws but for <paramref name="ct"/>.</summary>
    /// <param name="unsubscribe">Where the person changes what they are told.</param>
    Task<AttemptResult> SendAsync(string to, MailText mail, string messageId, Uri unsubscribe, CancellationToken ct);
}
