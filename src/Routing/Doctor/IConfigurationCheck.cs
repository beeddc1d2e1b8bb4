namespace Weir.Routing.Doctor;

/// <summary>Looks for one kind of mistake in a configuration that is otherwise well-formed.</summary>
internal interface IConfigurationCheck
{
    void Examine(ConfigurationView configuration, Findings findings);
}
