using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Access.Ui;

/// <summary>Joining by an invitation link: choose a password, and be signed in.</summary>
public sealed partial class InvitationPage
{
    private InvitationView? _invited;
    private Fault? _refusal;

    [Parameter] public string Code { get; set; } = "";
    [SupplyParameterFromForm(FormName = "join")] private string? Password { get; set; }
    [CascadingParameter] private HttpContext Http { get; set; } = default!;
    [Inject] private InvitationService Invitations { get; set; } = default!;
    [Inject] private SignInService Service { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        var found = await Invitations.FindAsync(Code, Http.RequestAborted);
        _invited = found.Ok ? found.Value : null;
        if (!found.Ok) Http.Response.StatusCode = StatusCodes.Status410Gone;   // a 404 would show the page for unknown addresses instead
    }

    private async Task SubmitAsync()
    {
        var joined = await Invitations.AcceptAsync(Code, Password, Http.RequestAborted);
        if (joined.Fault is { } fault)
        {
            if (fault.Kind == FaultKind.NotFound) _invited = null;
            _refusal = fault;
            Http.Response.StatusCode = fault.Kind == FaultKind.NotFound ? StatusCodes.Status410Gone : StatusCodes.Status400BadRequest;
            return;
        }
        await Service.OpenAsync(Http, joined.Value);
        Navigation.NavigateTo("/");
    }
}
