using OpsConsole.Features.Notices;

namespace OpsConsole.Integrations.Mail;

/// <summary>Mail through the operator's server.</summary>
internal static class MailIntegration
{
    public static IServiceCollection AddMail(this IServiceCollection services, IConfiguration configuration) => services.AddSingleton<IMailer>(_ => new SmtpMailer(MailOptions.Of(configuration)));
}
