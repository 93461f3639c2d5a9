using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Access.Ui;

/// <summary>The first admin, by the link that the console printed.</summary>
public sealed partial class SetupPage
{
    private bool _open;
    private Fault? _refusal;

    [Parameter] public string Code { get; set; } = "";
    [SupplyParameterFromForm(FormName = "setup")] private string? Name { get; set; }
    [SupplyParameterFromForm(FormName = "setup")] private string? Email { get; set; }
    [SupplyParameterFromForm(FormName = "setup")] private string? Password { get; set; }
    [CascadingParameter] private HttpContext Http { get; set; } = default!;
    [Inject] private SetupService Setup { get; set; } = default!;
    [Inject] private SignInService Service { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        _open = await Setup.IsOpenAsync(Code, Http.RequestAborted);
        if (!_open) Http.Response.StatusCode = StatusCodes.Status410Gone;   // a 404 would show the page for unknown addresses instead
    }

    private async Task SubmitAsync()
    {
        var made = await Setup.UseAsync(Code, Name, Email, Password, Http.RequestAborted);
        if (made.Fault is { } fault)
        {
            _open = fault.Kind != FaultKind.NotFound;
            _refusal = fault;
            Http.Response.StatusCode = _open ? StatusCodes.Status400BadRequest : StatusCodes.Status410Gone;
            return;
        }
        await Service.OpenAsync(Http, made.Value);
        Navigation.NavigateTo("/");
    }

    private string? Invalid(string field) => _refusal?.Field == field ? "true" : null;
}
