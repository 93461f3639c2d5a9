using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;
using OpsConsole.Ui;

namespace OpsConsole.Features.Access.Ui;

/// <summary>Signing in, rendered statically: a cookie cannot be set from a live page.</summary>
public sealed partial class SignInPage
{
    private string? _refusal;

    [SupplyParameterFromQuery(Name = "returnUrl")] private string? ReturnUrl { get; set; }
    [SupplyParameterFromForm(FormName = "sign-in")] private string? Email { get; set; }
    [SupplyParameterFromForm(FormName = "sign-in")] private string? Password { get; set; }
    [CascadingParameter] private HttpContext Http { get; set; } = default!;
    [Inject] private SetupService Setup { get; set; } = default!;
    [Inject] private SignInService Service { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private bool LeadsBack => SignIn.LocalOr(ReturnUrl, "/") != "/";

    private async Task SubmitAsync()
    {
        var checkedPerson = await Service.CheckAsync(Email ?? "", Password ?? "", ClientAddress.Of(Http), session: true, Http.RequestAborted);
        if (checkedPerson.Fault is { } fault)
        {
            _refusal = fault.Message;
            Http.Response.StatusCode = fault.Kind == FaultKind.Unavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status400BadRequest;
            return;
        }
        await Service.OpenAsync(Http, checkedPerson.Value);
        Navigation.NavigateTo(SignIn.LocalOr(ReturnUrl, "/"));
    }
}
